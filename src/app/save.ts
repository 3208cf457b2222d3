/** Hands a file to the browser's downloads. */
export function save(name: string, content: Blob): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(content);
	link.download = name;
	link.click();
	// The download has begun by then; the blob itself lives on until it ends.
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
