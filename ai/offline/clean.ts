const FILLERS = /(?<![\p{L}\p{N}'-])(?:u+h+(?! of)|erm+|hm+|mm+|mm-?hmm|uh-?huh|äh+m?|öh+m?|euh+|ehm+)(?![\p{L}\p{N}'-])[,.]?/giu;
/** A filler in English; a word of its own in German and Portuguese. */
const UM = /(?<![\p{L}\p{N}'-])u+m+(?![\p{L}\p{N}'-])[,.]?/giu;
const PHRASES = /(?:^|(?<=[\s,]))(?:you know|i mean|sort of like|if you will)(?:,|(?=\s(?:the|a|an|i|we|you|it|this|that|they|there|so|and|but|like)\b))/gi;
const OPENERS =
  /^(?:(?:okay|ok|'kay|alright|all right|right|yeah|yep|well|so|oh|ah|and|but|also|anyway|now|basically|actually|obviously|then|cause|'cause|cool|great|sorry|sure|genau|also|ja|na ja|gut|alors|donc|bon|ben|voilà|bueno|pues|vale|sí)(?:,\s*|\s+|[.!]\s+))+/iu;

/**
 * Speech without what carries nothing: noise in braces and brackets, fillers, words said twice, opening words.
 * Every word left is the speaker's own, in the order they said them.
 */
export function cleanSpeech(text: string, language: string): string {
  const spoken = text.replace(/\{[^}]*\}|\[(?:laugh|inaudible|crosstalk|music|noise|pause|silence|applause)[^\]]*\]/gi, ' ');
  const smooth = withoutRepeats(tidy(tidy((language === 'en' ? spoken.replace(UM, ' ') : spoken).replace(FILLERS, ' ')).replace(PHRASES, ' ')));
  return capitalized(tidy(withoutOpeners(smooth)));
}

/** A written sentence without list marks, emphasis and a greeting in front. */
export function cleanWriting(text: string): string {
  const plain = text.replace(/^(?:[-*+•]|\d+[.)]|#{1,6}|>)\s+/, '').replace(/\*\*|__|(?<!\p{L})[*_](?=\p{L})|(?<=\p{L})[*_](?!\p{L})/gu, '');
  return capitalized(tidy(plain.replace(GREETING, '')));
}

const GREETING =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:morgen|tag|abend)|moin|liebe|bonjour|salut|hola|buenos días|buenas tardes)(?: (?:all|everyone|everybody|team|folks|guys|there|both|again|zusammen|alle|à tous|a todos|\p{Lu}\p{Ll}+))?[,!.:–-]+\s+(?=\S+\s\S+)/iu;

/** "we we're", "the the", "is that, is that": what comes last is what was meant. */
function withoutRepeats(text: string): string {
  let smooth = text.replace(CUT_LETTER, '').replace(CUT_WORD, '').replace(BROKEN_WORD, '').replace(LONG_BROKEN_WORD, '');
  for (let length = MAX_REPEATED_WORDS; length > 0; length -= 1) smooth = collapse(smooth, length);
  return smooth.replace(/(?<![\p{L}'-])(\p{L}+) (?=\1'(?:re|ll|ve|s|d|m)\b)/giu, '');
}

const MAX_REPEATED_WORDS = 4;

/** "mo more", "so sophisticated": a start of one to three letters, said again whole; short words of their own are spared. */
const BROKEN_WORD =
  /(?<![\p{L}'’-])(?!(?:a|i|e|y|o|u|à|an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we|all|and|any|are|but|can|for|her|his|how|man|new|not|now|off|one|our|out|per|she|the|too|two|use|was|who|you|der|die|das|ein|im|am|an|zu|es|er|le|la|les|un|une|de|du|des|en|el|los|las|que|con|por|al|se|si)\b)(\p{Ll}{1,3}),? (?=\1\p{Ll}+)/gu;

/** "C and look", "S so": a letter that began another word. */
const CUT_LETTER = /^[B-HJ-Z] (?=(?:and|the|we|you|they|it|so|but|to|certainly|there|that|this|what|how|if|in|on)\b)/i;

/** "exper expert", "sophistic sophisticated". */
const LONG_BROKEN_WORD = /(?<![\p{L}'’-])(\p{L}{4,}),? (?=\1\p{L}+)/giu;

/** "gr", "th": no vowel, no word. Abbreviations and units are spared. */
const CUT_WORD = /(?<![\p{L}\p{N}'’.-])(?!(?:hr|hrs|kg|km|cm|mm|ml|lb|ms|mr|mrs|dr|pm|vs|tv|pc|hq|db|js|ts|css|html|pdf|ft|st|nd|rd|th|md|px|gb|mb|kb)\b)[bcdfghjklmnpqrtvwxz]{1,3}(?![\p{L}\p{N}'’.-]) /gu;

function collapse(text: string, length: number): string {
  const word = "[\\p{L}\\p{N}'_-]+";
  const run = `${word}(?: ${word}){${length - 1}}`;
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}'_-])(${run})(?:,? \\1(?![\\p{L}\\p{N}'_-]))+`, 'giu'), '$1');
}

/** Opening words go only where a whole sentence is left. */
function withoutOpeners(text: string): string {
  const rest = text.replace(OPENERS, '');
  return rest.split(' ').length >= 3 ? rest : text;
}

const tidy = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/ (?=[,.?!;:])/g, '').replace(/,(?:\s*,)+/g, ',').replace(/,\./g, '.').replace(/^[\s,.;:]+/, '').trim();

const capitalized = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
