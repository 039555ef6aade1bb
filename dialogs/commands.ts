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

/** No command is longer; a pasted text need not be looked at whole. */
const MAX_COMMAND_LENGTH = 60;

const cancel = new Set(cancelPhrases.map(plain));
const startOver = new Set(startOverPhrases.map(plain));

/** `cancelWord`: what our own "Cancel" buttons say in the reader's language. */
export const isCancel = (text: string, cancelWord: string): boolean => cancel.has(plain(text)) || plain(text) === plain(cancelWord);

export const isStartOver = (text: string): boolean => startOver.has(plain(text));

/** The skill that a whole message names: one of its phrases, or its title in the reader's language. */
export function skillByCommand(skills: readonly Skill[], text: string, titleOf: (skill: Skill) => string | undefined): Skill | undefined {
  const said = plain(text);
  if (said === '') return undefined;
  return skills.find((skill) => skill.commands.some((phrase) => plain(phrase) === said) || plain(titleOf(skill) ?? '') === said);
}

/** Case, accents, punctuation and invisible characters do not matter in a command. Empty for what is too long to be one. */
export function plain(text: string): string {
  if (text.length > MAX_COMMAND_LENGTH) return '';
  const letters = text.normalize('NFD').replace(/[\p{M}\p{Cf}]/gu, '').toLowerCase();
  const words = letters.replace(/^[\s/]+/, '').replace(/[\s.!?…]+$/u, '').replace(/\s+/g, ' ');
  return words || letters.trim(); // "?" is a command too
}
