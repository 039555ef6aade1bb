import { withoutRepeats } from './repeats';

const NOISE = /\{[^}]*\}|\[(?:laugh|inaudible|crosstalk|music|noise|pause|silence|applause)[^\]]*\]/gi;
const FILLER = /^(?:u+h+|erm+|hm+|mm+|mm-?hmm|uh-?huh|äh+m?|öh+m?|euh+|ehm+)[,.]?$/iu;
/** A filler in English; a word of its own in German and Portuguese. */
const UM = /^u+m+[,.]?$/iu;
const PHRASES = /(?:^|(?<=[\s,]))(?:you know|i mean|sort of like|if you will)(?:,|(?=\s(?:the|a|an|i|we|you|it|this|that|they|there|so|and|but|like)\b))/gi;
const OPENERS =
  /^(?:(?:okay|ok|'kay|alright|all right|right|yeah|yep|well|so|oh|ah|and|but|also|anyway|now|basically|actually|obviously|then|cause|'cause|cool|great|sorry|sure|genau|also|ja|na ja|gut|alors|donc|bon|ben|voilà|bueno|pues|vale|sí)(?:,\s*|\s+|[.!]\s+))+/iu;

/**
 * Speech without what carries nothing: noise in braces and brackets, fillers, words said twice, opening words.
 * Every word left is the speaker's own, in the order they said them.
 */
export function cleanSpeech(text: string, language: string): string {
  const words = text.replace(NOISE, ' ').split(/\s+/);
  const fluent = words.filter((word, index) => !isFiller(word, words[index + 1], language)).join(' ');
  return capitalized(tidy(withoutOpeners(withoutRepeats(tidy(tidy(fluent).replace(PHRASES, ' '))))));
}

/** "The uh of" is a letter somebody spells, or a slip that matters. */
function isFiller(word: string, next: string | undefined, language: string): boolean {
  if (word.length > 10 || !/^[uhmeäö]/i.test(word)) return false;
  return (FILLER.test(word) && !(next === 'of' && /^u+h+$/i.test(word))) || (language === 'en' && UM.test(word));
}

/** A written sentence without list marks, emphasis and a greeting in front. */
export function cleanWriting(text: string): string {
  const plain = text.replace(/^(?:[-*+•]|\d+[.)]|#{1,6}|>)\s+/, '').replace(/\*\*|__|(?<!\p{L})[*_](?=\p{L})|(?<=\p{L})[*_](?!\p{L})/gu, '');
  return capitalized(tidy(plain.replace(GREETING, '')));
}

const GREETING =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:morgen|tag|abend)|moin|liebe|bonjour|salut|hola|buenos días|buenas tardes)(?: (?:all|everyone|everybody|team|folks|guys|there|both|again|zusammen|alle|à tous|a todos|\p{Lu}\p{Ll}+))?[,!.:–-]+\s+(?=\S+\s\S+)/iu;

/** Opening words go only where a whole sentence is left. */
function withoutOpeners(text: string): string {
  const rest = text.replace(OPENERS, '');
  return rest.split(' ', 3).length >= 3 ? rest : text;
}

/** Most texts are tidy. */
const tidy = (text: string): string =>
  UNTIDY.test(text) ? text.replace(/\s+/g, ' ').replace(/ (?=[,.?!;:])/g, '').replace(/,[\s,]*(?=[,.])/g, '').replace(/^[\s,.;:]+/, '').trim() : text;

const UNTIDY = /\s[\s,.?!;:]|[\t\n\r\f\v\u00A0]|,\s*[,.]|^[\s,.;:]|\s$/;

const capitalized = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
