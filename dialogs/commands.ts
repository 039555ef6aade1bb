import type { Words } from '../cards/words';
import type { Skill } from './skill';

/** What people say in the middle of anything, in English, German, French and Spanish. */
const cancelPhrases = [
  'cancel', 'stop', 'never mind', 'nevermind', 'forget it', 'quit', 'abort',
  'abbrechen', 'abbruch', 'stopp', 'schluss', 'vergiss es', 'annuler', 'arrêter', 'arrête', 'laisse tomber', 'cancelar', 'parar', 'déjalo', 'para',
];
const startOverPhrases = [
  'start over', 'restart', 'start again', 'new conversation', 'reset',
  'neu anfangen', 'von vorne', 'neustart', 'neues gespräch', 'recommencer', 'nouvelle conversation', 'empezar de nuevo', 'reiniciar', 'nueva conversación',
];

const declinePhrases = ['no thanks', 'no thank you', 'nothing', 'nein danke', 'nichts', 'non merci', 'rien', 'no gracias', 'nada'];

/** No command is longer; a pasted text need not be looked at whole. Marks and invisible characters may stand between its letters. */
const MAX_COMMAND_LENGTH = 60;
const MAX_TYPED_LENGTH = 10 * MAX_COMMAND_LENGTH;

/** What most people type most of the time: it saves the Unicode work. */
const ALREADY_PLAIN = /^[a-z]+(?: [a-z]+)*$/;

const cancel = new Set(cancelPhrases.map(plain));
const startOver = new Set(startOverPhrases.map(plain));
const declines = new Set(declinePhrases.map(plain));

/** `cancelWord`: what our own "Cancel" buttons say in the reader's language. */
export function isCancel(text: string, cancelWord: string): boolean {
  const said = plain(text);
  return cancel.has(said) || said === plain(cancelWord);
}

/** Cancels where a question is open, and nowhere else. */
export const isDecline = (text: string): boolean => declines.has(plain(text));

export const isStartOver = (text: string): boolean => startOver.has(plain(text));

export type SkillByCommand = (text: string, words: Words) => Skill | undefined;

/** Finds the skill that a whole message names: by one of its phrases, or its title in the reader's language. The first of `skills` that has it. */
export function createSkillByCommand(skills: readonly Skill[]): SkillByCommand {
  const tables = new WeakMap<Words, ReadonlyMap<string, Skill>>();
  return (text, words) => {
    const table = tables.get(words) ?? skillsByPhrase(skills, words);
    tables.set(words, table);
    return table.get(plain(text));
  };
}

/** Made once for each language: there are about 200 phrases. */
function skillsByPhrase(skills: readonly Skill[], words: Words): ReadonlyMap<string, Skill> {
  const phrases = skills.flatMap((skill) => [...skill.commands, skill.help?.(words).title ?? ''].map((phrase) => [plain(phrase), skill] as const));
  return new Map(phrases.filter(([phrase]) => phrase !== '').toReversed()); // of two equal ones the first is set last, and stays
}

/**
 * Case, accents, punctuation, invisible characters and the width or face of letters do not matter in a command.
 * Empty for what is too long to be one. For recognising alone: what people write goes on as they wrote it.
 */
export function plain(text: string): string {
  if (text.length > MAX_TYPED_LENGTH) return '';
  if (ALREADY_PLAIN.test(text)) return text.length > MAX_COMMAND_LENGTH ? '' : text;
  const letters = text.normalize('NFKD').replace(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '').toLowerCase();
  if (letters.length > MAX_COMMAND_LENGTH) return '';
  const words = letters.replace(/^[\s/¡¿]+/, '').replace(/[\s.!?…]+$/u, '').replace(/\s+/g, ' ');
  return words || letters.trim(); // "?" is a command too
}

/** The message with its first word plain to see, where that was typed in wide or decorated letters or with invisible ones in it. */
export function withPlainOpening(text: string): string {
  const [opening = ''] = /^\S{1,200}/.exec(text.replace(/^[\s\p{Cf}]{1,50}/u, '')) ?? [];
  const start = text.indexOf(opening);
  return `${opening.normalize('NFKC').replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')}${text.slice(start + opening.length)}`;
}
