import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The languages of the pages, and the pseudo-language for layout tests. */
export const LANGUAGES = ['en', 'de', 'es', 'pt', 'ja', 'ar', 'en-XA'] as const;

export type Language = (typeof LANGUAGES)[number];

type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;

const LOCALES = join(import.meta.dirname, '../../app/locales');
const read = new Map<string, Record<string, Message>>();

/** `ltr` or `rtl`. */
export function direction(language: Language): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr';
}

/**
 * The text of a message `<area>_<key>`. The placeholder `count` selects the plural form.
 */
export function textOf(language: Language, name: string, places: Record<string, string | number> = {}): string {
  const [area, key] = divide(name);
  const message = messages(language === 'en-XA' ? 'en' : language, area)[key];
  if (message === undefined) {
    throw new Error(`app/locales has no message ${name}`);
  }
  const text = typeof message === 'string' ? message : plural(language, message, name, places['count']);
  const template = language === 'en-XA' ? stretch(text) : text;
  return template.replace(/\{(\w+)\}/g, (place, each: string) => String(places[each] ?? place));
}

/** A pattern that matches a message with any values in its placeholders. */
export function saying(language: Language, name: string, count?: number): RegExp {
  const text = textOf(language, name, count === undefined ? {} : { count });
  const parts = text.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u');
}

function divide(name: string): [string, string] {
  const at = name.indexOf('_');
  return [name.slice(0, at), name.slice(at + 1)];
}

function messages(language: string, area: string): Record<string, Message> {
  const path = join(LOCALES, language, `${area}.json`);
  const known = read.get(path) ?? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Message>);
  read.set(path, known);
  return known;
}

function plural(language: Language, message: Exclude<Message, string>, name: string, count: unknown): string {
  const form = new Intl.PluralRules(language === 'en-XA' ? 'en' : language).select(Number(count));
  const text = message[form];
  if (count === undefined || text === undefined) {
    throw new Error(`${name} needs a count, and a text for it`);
  }
  return text;
}

const ACCENTS: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ö',
  u: 'ü',
  n: 'ñ',
  c: 'ç',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ö',
  U: 'Ü',
};

/** Translates English into the pseudo-language, like `app/build/pseudo.rs`. Placeholders stay as they are. */
function stretch(text: string): string {
  let letters = 0;
  const accented = text.replace(/\{[^}]*\}|./gsu, (part) => {
    if (part.startsWith('{') && part.endsWith('}')) {
      return part;
    }
    letters += 1;
    return ACCENTS[part] ?? part;
  });
  const more = Array.from({ length: Math.ceil((letters * 2) / 5) }, (_, at) => (at % 4 === 0 ? ' ~' : '~')).join('');
  return `[${accented}${more}]`;
}

/** The translation of a name of the default menu, or the name itself. */
export function called(language: Language, name: string): string {
  const path = join(import.meta.dirname, '../../workflow/menu.translations.json');
  const { translations } = JSON.parse(readFileSync(path, 'utf8')) as Dictionary;
  if (language !== 'en-XA') {
    return translations[language]?.[name] ?? name;
  }
  // The pseudo-language uses the longest translation; the first one of equal length in the order of the enum.
  const found = ['de', 'es', 'pt', 'ja', 'ar'].map((each) => translations[each]?.[name] ?? '');
  return found.reduce((longest, each) => ([...each].length > [...longest].length ? each : longest), '') || name;
}

interface Dictionary {
  translations: Partial<Record<string, Record<string, string>>>;
}
