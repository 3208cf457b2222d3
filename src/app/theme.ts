export type Theme = 'system' | 'light' | 'dark';

const key = 'joshtree.theme';

export function storedTheme(): Theme {
	const stored = localStorage.getItem(key);
	return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** `system` leaves the choice to `prefers-color-scheme`. */
export function applyTheme(theme: Theme): void {
	if (theme === 'system') {
		localStorage.removeItem(key);
		delete document.documentElement.dataset['theme'];
	} else {
		localStorage.setItem(key, theme);
		document.documentElement.dataset['theme'] = theme;
	}
}
