import type { Language } from './messages.ts';

/** The screen options of Playwright. */
export type Screen = { viewport: { width: number; height: number }; [option: string]: unknown };

/** A language and a screen size for each of the three kinds of screen. */
export interface Variant {
  name: 'english' | 'arabic' | 'narrow' | 'large';
  language: Language;
  phone: Screen;
  tablet: Screen;
  display: Screen;
}

const PHONE: Screen = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const TABLET: Screen = { viewport: { width: 1180, height: 820 }, hasTouch: true };
const WALL: Screen = { viewport: { width: 1920, height: 1080 } };
/** The narrowest supported screen: WCAG 1.4.10. */
const NARROW: Screen = { ...PHONE, viewport: { width: 320, height: 568 } };

export const ENGLISH: Variant = { name: 'english', language: 'en', phone: PHONE, tablet: TABLET, display: WALL };

export const ARABIC: Variant = { ...ENGLISH, name: 'arabic', language: 'ar' };

/** Texts 40 % longer, on the narrowest screen. The display has its usual size. */
export const NARROW_PSEUDO: Variant = { name: 'narrow', language: 'en-XA', phone: NARROW, tablet: NARROW, display: WALL };

/** A text size of 200 %, set in the browser (see `playwright.config.ts`). */
export const LARGE_TEXT: Variant = { ...ENGLISH, name: 'large' };
