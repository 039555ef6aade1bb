import type { SummaryValues } from './summarizeSkill';

/** "summarize …" at the beginning of a message; the verb may be parted in German ("fasse … zusammen"). */
const requests: readonly RegExp[] = [
  /^(?:please\s+|can you\s+|could you\s+)*(?:summari[sz]e|sum up|recap|tl;?dr|(?:(?:give me |write |make |i need )(?:a |the )?(?<length>short |brief |detailed |long )?summary(?: of)?|(?:a |the )?summary of))(?![\p{L}-])(?<rest>.*)$/isu,
  /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?:fasse?|fassen sie)\s+(?<rest>.*?)\s*(?<length>kurz\s+|ausführlich\s+)?(?:bitte\s+)?zusammen[.!:]?(?<more>\s.*)?$/isu,
  /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?<rest>(?:dies|das|es|den|die|diese|unsere?)(?:\s[^\n]{0,80}?)?)\s+(?:bitte\s+)?zusammenfassen[.!?]?$/iu,
  /^(?:bitte\s+)?(?:eine\s+)?(?<length>kurze\s+|ausführliche\s+)?(?:zusammenfassung|zusammenfassen)(?:\s+(?:von|der|des|vom))?(?!\p{L})(?<rest>.*)$/isu,
  /^(?:peux-tu\s+|pouvez-vous\s+)?(?:résum(?:e[rz]?|é (?:de|du|des))|fais(?:-moi)? un résumé (?:de|du|des))(?!\p{L})(?<rest>.*)$/isu,
  /^(?:por favor,?\s+|puedes\s+|podrías\s+)?(?:resum(?:e|ir|a|en de[l]?)|haz(?:me)? un resumen de[l]?)(?!\p{L})(?<rest>.*)$/isu,
];

/** Asks for the same without the word. */
const inOtherWords = /^(?:(?:what are |list |give me )?(?:the )?(?:key|main) points|what (?:is|was) (?:it|this|that)(?: all)? about|(?:was ist )?das wichtigste|worum (?:geht|ging) es(?: hier)?|les points (?:clés|essentiels)|de quoi s[’']agit-il|(?:los )?puntos (?:clave|principales)|¿?de qué (?:se )?trata)[\s.!?]*$/iu;
/** How long it should be, and whom it is for, at the end of a request. */
const manner = /[\s,]+(?:for me|above|please|(?<short>briefly|in short|in (?:\d+|one|two|three|five|a few|some) (?:bullet )?(?:points?|bullets|sentences?|words|lines)|kurz|in (?:\d+|wenigen) (?:punkten|sätzen)|brièvement|en (?:\d+|quelques) (?:points|phrases)|brevemente|en (?:\d+|pocas) (?:frases|puntos|palabras))|für mich|oben|bitte|pour moi|para mí|por favor)$/iu;

const conversation = /^(?:(?:this|the|our|dieses?|diese[nrm]?|das|den|die|unsere?n?|ce(?:tte|t)?|la|le|notre|est[ea]|el|nuestr[ao])\s+)?(?:whole\s+|ganze\s+)?(?:conversation|chat|thread|discussion|channel|gespräch|unterhaltung|diskussion|kanal|canal|conversación|charla)(?:\s+(?:so far|bisher))?(?:\s+(?:please|bitte))?$/iu;
const meeting = /^(?:(?:this|the|our|last|diese[r]?|die|unsere|cette|la|notre|est[ea]|nuestra)\s+)?(?:meeting|besprechung|sitzung|réunion|reunión)(?:\s+(?:please|bitte))?$/iu;
const latest = /^(?:it|this|that|(?:(?:this|the|my|last|das|die|diese[sn]?|dieses|den|meine?|le|la|ce|cette|el|este|esta)\s+)*(?:file|document|text|transcript|datei|dokument|transkript|fichier|document|texte|archivo|documento|texto)|es|dies|das|ça|ceci|cela|esto|eso|lo)(?:\s+(?:please|bitte))?$/iu;
const lengths: readonly (readonly [RegExp, NonNullable<SummaryValues['length']>])[] = [[/short|brief|kurz/i, 'short'], [/detail|long|ausführlich/i, 'detailed']];

/** Characters that a request is looked for in: what follows is text, and searching all of it would take minutes. */
const MAX_REQUEST_LENGTH = 200;

/** A request to summarize that says of what, or leaves it open; undefined where the message is none, such as "summarize the French Revolution". */
export function readSummaryRequest(text: string): SummaryValues | undefined {
  for (const request of requests) {
    const { rest, more = '', length } = request.exec(text.slice(0, MAX_REQUEST_LENGTH))?.groups ?? {};
    if (rest === undefined) continue;
    const asked = readManner(`${rest}${more}${text.slice(MAX_REQUEST_LENGTH)}`);
    const source = readSource(asked.rest);
    const chosen = lengths.find(([pattern]) => pattern.test(length ?? ''))?.[1] ?? asked.length;
    return source && { ...source, ...(chosen && { length: chosen }) };
  }
  return text.length <= MAX_REQUEST_LENGTH && inOtherWords.test(text) ? { source: 'latest' } : undefined;
}

/** The rest of a request without "for me" and "in three sentences". A text after a colon stays whole. */
function readManner(whole: string): { readonly rest: string; readonly length?: 'short' } {
  if (whole.length > MAX_REQUEST_LENGTH || /[:\n]/.test(whole)) return { rest: whole };
  const rest = whole.replace(/[.!?\s]+$/, '');
  const end = manner.exec(rest);
  if (!end) return { rest: whole };
  const before = readManner(rest.slice(0, end.index));
  return { ...before, ...(end.groups?.short && { length: 'short' as const }) };
}

/** What a request is about: this conversation, the last meeting or text, or a text of its own; nothing where it leaves that open. undefined for a topic. */
export function readSource(rest: string): SummaryValues | undefined {
  const named = rest.length > MAX_REQUEST_LENGTH ? rest : rest.trim().replace(/[.!?\s]+$/, '');
  if (named === '' || /^[:\s]*$/.test(named)) return {};
  if (conversation.test(named)) return { source: 'conversation' };
  if (meeting.test(named)) return { source: 'meeting' };
  if (latest.test(named)) return { source: 'latest' };
  const text = rest.replace(/^\s*(?:(?:this|the following|diesen text|folgendes|ceci|esto)(?:\s+text)?)?\s*:?\s*/i, '').trim();
  return isText(rest, text) ? { text } : undefined;
}

/** A topic ("the French Revolution") is not a text: a text comes after a colon or line end, has a full sentence, or is long. */
function isText(rest: string, text: string): boolean {
  const words = text.split(/\s+/).length;
  return /^[^\n]{0,30}?[:\n]/.test(rest) || words >= 25 || (words >= 4 && /[.!]["”’)]?$/.test(text));
}
