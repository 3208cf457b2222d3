/** Says why there is no page, with nothing but the document: no framework, no styles, no storage. */
export function showFailure(target: Element, error: unknown): void {
	const heading = document.createElement('h1');
	heading.textContent = 'Joshtree could not start';
	const text = document.createElement('p');
	text.textContent = `${error instanceof Error ? error.message : String(error)}`;
	const advice = document.createElement('p');
	advice.textContent =
		'Reload the page. If that does not help, the browser may be too old, or may lack something that the page needs.';
	const reload = document.createElement('button');
	reload.textContent = 'Reload the page';
	reload.addEventListener('click', () => location.reload());
	const panel = document.createElement('div');
	panel.className = 'panel';
	panel.role = 'alert';
	panel.append(heading, text, advice, reload);
	target.replaceChildren(panel);
}
