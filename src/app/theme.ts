import { recall, remember } from './remembered.ts';

export type Theme = 'system' | 'light' | 'dark';

const key = 'joshtree.theme';

export function storedTheme(): Theme {
	const stored = recall(key);
	return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** `system` leaves the choice to `prefers-color-scheme`. */
export function applyTheme(theme: Theme): void {
	remember(key, theme === 'system' ? undefined : theme);
	if (theme === 'system') delete document.documentElement.dataset['theme'];
	else document.documentElement.dataset['theme'] = theme;
}
