const table = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
	return rest;
});

/**
 * CRC-32 as ZIP, gzip and PNG use it.
 * @param before that of the bytes before these, unsigned
 */
export function crc32(bytes: Uint8Array, before = 0): number {
	let crc = ~before;
	for (let index = 0; index < bytes.length; index++) crc = (crc >>> 8) ^ table[(crc ^ bytes[index]!) & 0xff]!;
	return ~crc >>> 0;
}
