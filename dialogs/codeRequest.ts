import type { CodeValues } from './codeSkill';

/** What code is, by language of the request; `\b` knows ASCII alone, so ends are said otherwise. */
const thing = {
  en: '(?:function|method|class|script|program|code|snippet|query|regex|regular expression|macro|formula|unit tests?|component|algorithm|command|stylesheet)',
  de: '(?:funktion|methode|klasse|skript|programm|code|abfrage|regex|regulären ausdruck|makro|formel|tests?|komponente|algorithmus|befehl)',
  fr: '(?:fonction|méthode|classe|script|programme|code|requête|regex|expression régulière|macro|formule|tests?|composant|algorithme|commande)',
  es: '(?:función|método|clase|script|programa|código|consulta|regex|expresión regular|macro|fórmula|pruebas?|componente|algoritmo|comando)',
} as const;

/** Up to four words that stand for no other object: "write an email to the class" asks for no code. */
const between = '(?:(?!(?:of|to|for|about|from|with|at|von|an|für|über|mit|de|à|pour|sur|para|sobre|con)\\s)[^\\s.!?]+\\s+){0,4}?';

/** A verb at the beginning, and the word for code soon after it. */
const requests: readonly RegExp[] = [
  new RegExp(`^(?:please\\s+|can you\\s+|could you\\s+)*(?:write|create|generate|code|implement|make|give me|show me|explain|fix|debug|refactor|optimi[sz]e|review)(?:\\s+(?:me|us))?\\s+${between}(?:[\\w#+]+-)?${thing.en}(?![\\p{L}-])`, 'iu'),
  new RegExp(`^(?:bitte\\s+|kannst du\\s+|können sie\\s+)*(?:schreibe?|erstelle?|programmiere?|implementiere?|erklär(?:e|en)?|korrigiere?|verbessere?|zeige?)(?:n sie)?(?:\\s+(?:mir|uns))?\\s+${between}(?:[\\p{L}\\d#+]+-)?${thing.de}(?!\\p{L})`, 'iu'),
  new RegExp(`^(?:peux-tu\\s+|pouvez-vous\\s+)?(?:écri[st]|écrivez|crée[rz]?|génère[rz]?|programme[rz]?|code[rz]?|implémente[rz]?|explique[rz]?|corrige[rz]?|montre[rz]?)(?:[- ](?:moi|nous))?\\s+${between}${thing.fr}(?!\\p{L})`, 'iu'),
  new RegExp(`^(?:por favor,?\\s+|puedes\\s+|podrías\\s+)?(?:escrib[ea](?:me|nos)?|escribir|crea(?:me)?|cree|genera(?:me)?|programa(?:me)?|implementa|explica(?:me)?|corrige|muéstra(?:me)?|haz(?:me)?)\\s+${between}${thing.es}(?!\\p{L})`, 'iu'),
];

/** "Explain the dress code", "write a summary script for the meeting": no code of a program. */
const otherwise = /\b(?:dress|zip|postal|area|bar|qr|promo|discount|building|penal|civil|moral|morse|country)[- ]?codes?\b|code of conduct|movie script|drehbuch|fitness|\b(?:school|training|yoga|cooking|master|middle|working|first|business) class|formule de politesse|programa de (?:televisión|estudios)/iu;

/** "code: …" says it at once. */
const named = /^(?:code|código)\s*:\s*(?<rest>\S.*)$/isu;

/** Names of languages as people write them, longest first; signs belong to some. */
const languages: readonly string[] = [
  'visual basic', 'objective-c', 'javascript', 'typescript', 'powershell', 'assembly', 'haskell', 'python', 'kotlin', 'matlab', 'elixir', 'golang', 'groovy', 'julia',
  'scala', 'swift', 'ruby', 'rust', 'java', 'perl', 'dart', 'bash', 'yaml', 'json', 'html', 'css', 'php', 'sql', 'vba', 'lua', 'c\\+\\+', 'c#', 'f#', 'go', 'r', 'c',
];
const inLanguage = new RegExp(`(?:^|[\\s(„“"«])(?<name>${languages.join('|')})(?=$|[\\s.,:;!?)“”"»-])`, 'giu');
/** "go" and single letters are words too: they name a language only behind "in", or before a word for code. */
const ambiguous = /^(?:go|r|c|swift|rust|julia|dart|assembly)$/i;

const MAX_OPENING_LENGTH = 200;

/** A request for code; undefined where the message is none. */
export function readCodeRequest(text: string): CodeValues | undefined {
  const opening = text.slice(0, MAX_OPENING_LENGTH);
  const rest = named.exec(text)?.groups?.rest;
  if (rest === undefined && (otherwise.test(opening) || !requests.some((request) => request.test(opening)))) return undefined;
  return { text: rest ?? text, ...languageOf(opening) };
}

/** The programming language that a request names. */
export function languageOf(text: string): Pick<CodeValues, 'language'> {
  const names = [...text.matchAll(inLanguage)].map(({ groups, index }) => ({ name: groups?.name ?? '', index }));
  const language = names.find(({ name, index }) => !ambiguous.test(name) || isNamed(text, name, index))?.name;
  return language === undefined ? {} : { language };
}

/** "in Go", "an R script". `index`: of the sign before the name. */
function isNamed(text: string, name: string, index: number): boolean {
  const [before, after] = [text.slice(0, index), text.slice(text.indexOf(name, index) + name.length)];
  return /(?:^|\s)(?:in|en|using|with|mit|auf)$/iu.test(before) || /^[ -](?:function|script|program|code|class|method|funktion|skript|programm)(?!\p{L})/iu.test(after);
}
