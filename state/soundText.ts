/**
 * Text as every store keeps it, and that hides nothing from its readers. NUL and lone surrogates become U+FFFD:
 * PostgreSQL takes neither. Unicode tags (U+E0000 to U+E007F) are left out, since people cannot see them and models
 * obey them; only the flags that are written with them stay. Of several variation selectors in a row, which hide bytes
 * in the same way, the first stays. All other characters are kept as they came.
 */
export function soundText(text: string): string {
  if (isSound(text)) return text;
  return text.toWellFormed().replaceAll('\0', '\uFFFD').replace(tags, '$<flag>').replace(selectors, '$<first>');
}

/** The same for every string in a JSON value, names of properties included. */
export function soundValue<T>(value: T): T {
  // What comes out has the shape of what went in: only strings change.
  return sound(value) as T;
}

/** Tags begin with U+DB40 in UTF-16, selectors with that or U+FE0x: nearly no text has any, and looking costs nothing. */
const isSound = (text: string): boolean => text.isWellFormed() && !text.includes('\0') && !/\uDB40|[\uFE00-\uFE0F]/.test(text);

/** The flags of England, Scotland and Wales are a black flag, the place in tags, and an end: https://unicode.org/Public/emoji/latest/emoji-sequences.txt */
const tags = /(?<flag>\u{1F3F4}\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F})|[\u{E0000}-\u{E007F}]/gu;
const selectors = /(?<first>[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}])(?:[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}])+/gu;

function sound(value: unknown): unknown {
  if (typeof value === 'string') return soundText(value);
  if (Array.isArray(value)) return value.map(sound);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [soundText(name), sound(each)]));
}
