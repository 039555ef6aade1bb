import { z } from 'zod';
import { withChoices } from './activities';
import { plain } from './commands';
import type { Slot, Values } from './skill';
import type { Turn } from './turn';

/** What the person answers to a question of yes or no; undefined where it is neither. */
export function readYesOrNo({ text, words: { forget } }: Turn): boolean | undefined {
  const said = plain(text).replace(courtesy, '');
  if ([...yes, plain(forget.yes)].includes(said)) return true;
  return [...no, plain(forget.no)].includes(said) ? false : undefined;
}

const yes = ['yes', 'y', 'yeah', 'yep', 'sure', 'ja', 'oui', 'si', 'ok', 'okay', 'delete everything', 'alles loschen', 'tout effacer', 'borrar todo'];
const no = ['no', 'n', 'nope', 'nein', 'non'];
const courtesy = /[, ]+(?:please|bitte|s[’']?il (?:te|vous) plait|por favor|thanks|danke|merci|gracias)$/;

/**
 * Values of a skill that makes something which lasts, or costs more than an answer. Any text that a model read may have
 * led it: what a model proposes is asked about first; what the person's own words or buttons ask for is not.
 */
export const consentShape = { isProposed: z.boolean().optional(), isAgreed: z.boolean().optional() };

interface Consent extends Values {
  readonly isProposed?: boolean | undefined;
  readonly isAgreed?: boolean | undefined;
}

/** The last thing to ask. "No" cancels, as it does with every open question. */
export function consentSlot<V extends Consent>(question: (turn: Turn, values: V) => Promise<string>): Slot<V> {
  return {
    name: 'isAgreed',
    isMissing: (_turn, { isProposed, isAgreed }) => isProposed === true && isAgreed !== true,
    ask: async (turn, values) => withChoices(await question(turn, values), [turn.words.forget.yes, turn.words.forget.no]),
    read: async (turn, values) => (readYesOrNo(turn) ? { values: { ...values, isAgreed: true } } : { again: turn.words.consent.again }),
  };
}
