import { languageInSentence } from './languages';
import type { TranslationValues } from './translateSkill';

/** The verb at the beginning of a message, and the word before a language, by language of the request. */
const requests: readonly { readonly verb: RegExp; readonly toWords: string }[] = [
  { verb: /^(?:please\s+|can you\s+|could you\s+)*translate(?![\p{L}-])/iu, toWords: 'in ?to|to|in' },
  { verb: /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?:übersetze?|übersetzen(?: sie)?)(?!\p{L})/iu, toWords: 'auf|ins|in|nach' },
  { verb: /^(?:peux-tu\s+|pouvez-vous\s+)?tradui(?:s|sez|re)(?!\p{L})/iu, toWords: 'en|vers le|vers l[’\']|vers|au' },
  { verb: /^(?:por favor,?\s+|puedes\s+|podrías\s+)?tradu(?:ce|cir|zca|cid)(?!\p{L})/iu, toWords: 'al?|en' },
];

/** How the object of the verb points at something that was said or given before. */
const previous = /^(?:it|that|this|your (?:answer|last message)|the (?:answer|summary|last answer)|es|das|dies|die (?:antwort|zusammenfassung)|ça|cela|ceci|la réponse|le résumé|esto|eso|lo|la respuesta|el resumen)$/iu;
const latest = /^(?:(?:the|this|my|das|die|diese[sn]?|den|le|la|ce|el|este)\s+)(?:file|document|text|transcript|datei|dokument|transkript|fichier|document|texte|archivo|documento|texto)$/iu;

/** Names of languages have three words at most: "Brazilian Portuguese", "the German language". */
const MAX_NAME_WORDS = 3;

/** German puts the verb last: "„Guten Morgen“ ins Englische übersetzen", "kannst du das auf Englisch übersetzen". */
const verbLast = /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?<rest>[^\n]{1,200}?)\s+(?:bitte\s+)?übersetzen[.!?]?$/iu;

const MAX_SEARCHED_LENGTH = 300;
const EDGE_LENGTH = 100;

/** A request to translate, with text and language as far as it says them; undefined where the message is none. */
export function readTranslationRequest(text: string): TranslationValues | undefined {
  for (const { verb, toWords } of requests) {
    const start = verb.exec(text);
    if (start) return readRest(text.slice(start[0].length), toWords);
  }
  const rest = text.length <= MAX_SEARCHED_LENGTH ? verbLast.exec(text)?.groups?.rest : undefined;
  const object = rest === undefined ? undefined : (languageFirst(rest, 'auf|ins|in|nach') ?? languageLast(rest, 'auf|ins|in|nach'));
  return object?.language === undefined ? undefined : object;
}

function readRest(rest: string, toWords: string): TranslationValues {
  if (rest.length > MAX_SEARCHED_LENGTH) return readLongRest(rest, toWords);
  return languageFirst(rest, toWords) ?? languageLast(rest, toWords) ?? withObject(rest);
}

/** In a long text a language stands at the very beginning or end: searching all of it would take minutes. */
function readLongRest(rest: string, toWords: string): TranslationValues {
  const head = rest.slice(0, EDGE_LENGTH);
  const { language: first, text: begun } = languageFirst(head, toWords) ?? {};
  if (first) return { language: first, text: rest.slice(begun ? Math.max(0, head.indexOf(begun)) : EDGE_LENGTH).trim() };
  const { language: last } = languageLast(rest.slice(-EDGE_LENGTH), toWords) ?? {};
  if (!last) return { text: rest.replace(/^[:\s]+/, '').trimEnd() };
  const end = rest.slice(0, rest.lastIndexOf(last));
  const edge = end.slice(-EDGE_LENGTH).replace(new RegExp(`\\s(?:${toWords})\\s+$`, 'iu'), '');
  return { language: last, text: `${end.slice(0, -EDGE_LENGTH)}${edge}`.trim() };
}

/** "to German: Good morning", "this to German: …". */
function languageFirst(rest: string, toWords: string): TranslationValues | undefined {
  const start = new RegExp(`^\\s*(?<object>[^\\n:]{0,30}?)(?:^|\\s)(?:${toWords})\\s+(?<tail>.*)$`, 'isu').exec(rest)?.groups;
  if (!start?.tail || (start.object && !pointsBack(start.object))) return undefined;
  const [name, text] = splitOnce(start.tail, /[:\n]/);
  const language = languageInSentence(name, 'en') ? name.trim().replace(/[\s,]+(?:please|bitte)$/i, '') : undefined;
  if (language) return { language, ...(text.trim() ? { text: text.trim() } : withObject(start.object ?? '')) };
  return languageWithoutColon(start.tail) ?? (name.trim().split(/\s+/).length === 1 ? { language: name.trim().replace(/[.!?]+$/, ''), ...(text.trim() ? { text: text.trim() } : withObject(start.object ?? '')) } : undefined);
}

/** "to German Good morning". */
function languageWithoutColon(tail: string): TranslationValues | undefined {
  for (let count = MAX_NAME_WORDS; count > 0; count -= 1) {
    const match = new RegExp(`^(?<name>\\S+(?:\\s+\\S+){${count - 1}})\\s+(?<text>.+)$`, 'su').exec(tail);
    if (match?.groups?.name && languageInSentence(match.groups.name, 'en')) return { language: match.groups.name, text: match.groups.text?.trim() };
  }
  return undefined;
}

/** "Good morning to German". A capital letter makes an unknown name a language too: it is asked for again. */
function languageLast(rest: string, toWords: string): TranslationValues | undefined {
  const end = new RegExp(`^(?<object>.*\\S)\\s+(?:${toWords})\\s+(?<name>[^\\n]{1,40})$`, 'isu').exec(rest)?.groups;
  if (!end?.object || !end.name) return undefined;
  const name = end.name.trim().replace(/[.!?]+$/, '').replace(/[\s,]+(?:please|bitte|s'il (?:te|vous) plaît|por favor)$/i, '');
  const isLanguage = languageInSentence(name, 'en') !== undefined || /^\p{Lu}\S*$/u.test(name);
  return isLanguage ? { language: name, ...withObject(end.object) } : undefined;
}

function withObject(object: string): TranslationValues {
  const named = object.trim().replace(/^[:,\s]+/, '').replace(/\s*:$/, '');
  if (named === '') return {};
  if (previous.test(named)) return { source: 'previous' };
  if (latest.test(named)) return { source: 'latest' };
  return { text: unquoted(named) };
}

const pointsBack = (object: string): boolean => object.trim() === '' || previous.test(object.trim()) || latest.test(object.trim()) || /^(?:the following|folgendes|ce qui suit|lo siguiente)/i.test(object.trim());

function splitOnce(text: string, separator: RegExp): readonly [string, string] {
  const index = text.search(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

const unquoted = (text: string): string => /^[“"„«'](?<inner>[^“”"„«»]+)[”"“»']$/u.exec(text)?.groups?.inner?.trim() ?? text;
