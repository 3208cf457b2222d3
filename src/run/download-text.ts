/**
 * A text file of the app's own origin.
 * @throws {Error} that names the file and what to do
 */
export async function downloadText(address: string | URL): Promise<string> {
	let response: Response;
	try {
		response = await fetch(address);
	} catch (error) {
		throw new Error(
			`${String(address)} could not be fetched. Are you offline? Reload the page when you are not.`,
			{
				cause: error
			}
		);
	}
	if (!response.ok)
		throw new Error(
			`${String(address)} could not be fetched: ${response.status} ${response.statusText}. Is the app complete?`
		);
	return response.text();
}
