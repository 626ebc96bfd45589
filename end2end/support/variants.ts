import type { Language } from './words.ts';

/** The size of a screen, in the words of Playwright. */
export type Screen = { viewport: { width: number; height: number }; [option: string]: unknown };

/** A way in which people meet the pages: a language and a size of screen for each of the three readers. */
export interface Variant {
  name: 'english' | 'arabic' | 'narrow' | 'large';
  language: Language;
  phone: Screen;
  tablet: Screen;
  wall: Screen;
}

const PHONE: Screen = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const TABLET: Screen = { viewport: { width: 1180, height: 820 }, hasTouch: true };
const WALL: Screen = { viewport: { width: 1920, height: 1080 } };
/** The narrowest screen that anybody must be able to use: WCAG 1.4.10. */
const NARROW: Screen = { ...PHONE, viewport: { width: 320, height: 568 } };

export const ENGLISH: Variant = { name: 'english', language: 'en', phone: PHONE, tablet: TABLET, wall: WALL };

export const ARABIC: Variant = { ...ENGLISH, name: 'arabic', language: 'ar' };

/** Texts 40 % longer, on the narrowest screen. A wall is not narrow; its texts are as long. */
export const NARROW_PSEUDO: Variant = { name: 'narrow', language: 'en-XA', phone: NARROW, tablet: NARROW, wall: WALL };

/** Text twice as large as usual; the browser is told so (see `playwright.config.ts`), as its user would tell it. */
export const LARGE_TEXT: Variant = { ...ENGLISH, name: 'large' };
