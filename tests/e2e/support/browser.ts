import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { chromiumArgs, findChromium } from '../../../scripts/chromium.ts';
import { pageFolder } from '../../../scripts/page-build.ts';
import { servePage, type ServedPage } from '../../../scripts/serve-page.ts';
import { temporaryFolder } from './temporary.ts';

/** A fresh profile in which the browser blocks site data: cookies, and with them every kind of storage. */
export async function profileWithoutSiteData(): Promise<string> {
	const profile = await temporaryFolder();
	await mkdir(join(profile, 'Default'));
	const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
	await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
	return profile;
}

/** Chromium until the test ends: with the profile in a folder, or with one in memory, which needs no disk. */
export async function openBrowser(profile?: string): Promise<BrowserContext> {
	const options = { executablePath: findChromium()!, args: chromiumArgs };
	if (profile !== undefined) {
		const context = await chromium.launchPersistentContext(profile, options);
		onTestFinished(() => context.close().catch(() => undefined));
		return context;
	}
	const browser = await chromium.launch(options);
	onTestFinished(() => browser.close());
	return browser.newContext();
}

/** The built page, or another folder, at some port, until the test ends. */
export async function serve(folder = pageFolder, port = 0): Promise<ServedPage> {
	const served = await servePage(folder, port);
	onTestFinished(() => served.close());
	return served;
}

/** Opens the page and waits until it is ready. */
export async function openPage(context: BrowserContext, url: string): Promise<Page> {
	const page = await context.newPage();
	await page.goto(url);
	await ready(page);
	return page;
}

export async function ready(page: Page): Promise<void> {
	await page.waitForFunction(() => globalThis.joshtree !== undefined);
	await page.evaluate(() => globalThis.joshtree!.ready);
}
