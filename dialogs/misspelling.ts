import { plain } from './commands';

/** Verbs and names that begin a request, as `plain` writes them. */
const known = [
  'summarize', 'summarise', 'summary', 'translate', 'translation', 'settings', 'cancel', 'forget',
  'zusammenfassen', 'zusammenfassung', 'ubersetze', 'ubersetzen', 'ubersetzung', 'einstellungen', 'abbrechen', 'vergiss',
  'resumer', 'traduire', 'traduis', 'reglages', 'annuler', 'oublie', 'resumir', 'traducir', 'traduce', 'ajustes', 'cancelar', 'olvidame',
];

/** Shorter words are too like each other. */
const MIN_LENGTH = 6;
/** One slip in a short word, two in a long one. */
const LONG_LENGTH = 8;

/**
 * The message with its first word as it was probably meant ("sumarize this" → "summarize this"); undefined where that
 * word is right, or like none that begins a request. Other forms of a word ("translated") are not slips.
 */
export function withoutSlip(text: string): string | undefined {
  const [, word = '', rest = ''] = /^\s*(\p{L}+)(.*)$/su.exec(text) ?? [];
  const said = plain(word);
  if (said.length < MIN_LENGTH || said.length > 20 || known.some((each) => each.startsWith(said) || said.startsWith(each))) return undefined;
  const meant = known.find((each) => each[0] === said[0] && distance(said, each) <= (each.length >= LONG_LENGTH ? 2 : 1));
  return meant && `${meant}${rest}`;
}

/** The one of `names` that was probably meant; undefined where none is near. */
export function nearest(said: string, names: readonly string[]): string | undefined {
  const word = plain(said);
  const mostSlips = word.length >= LONG_LENGTH ? 2 : 1;
  return word.length < 4 ? undefined : names.find((name) => plain(name)[0] === word[0] && distance(word, plain(name)) <= mostSlips);
}

/** Letters to add, leave out, change or swap with the next. */
function distance(from: string, to: string): number {
  const rows = Array.from({ length: from.length + 1 }, (_, row) => Array.from({ length: to.length + 1 }, (_unused, column) => (row === 0 ? column : row)));
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row += 1) {
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const change = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (isSame ? 0 : 1));
      rows[row]?.splice(column, 1, isSwapped ? Math.min(change, at(row - 2, column - 2) + 1) : change);
    }
  }
  return at(from.length, to.length);
}
