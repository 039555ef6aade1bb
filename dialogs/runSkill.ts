import { AIError } from '../ai/error';
import { textMessage } from './activities';
import { reportFailure, unfilteredNote } from './failure';
import { respond } from './response';
import type { Skill, SkillCall, Values } from './skill';
import type { Turn } from './turn';

/**
 * Runs a skill that has all it needs. A model that fails ends in one sentence with "Try again"; other errors pass.
 * Gives the skill that the conversation goes on with, if any.
 */
export async function runSkill(turn: Turn, skill: Skill, values: Values): Promise<SkillCall | undefined> {
  try {
    const next = await skill.run(turn, values);
    const note = next === undefined ? unfilteredNote(turn) : undefined;
    if (note !== undefined) await respond(turn, textMessage(note));
    return next;
  } catch (error) {
    const failure = toAIError(turn, error);
    if (!failure) throw error;
    await reportFailure(turn, failure, { action: skill.id, values });
    return undefined;
  }
}

/** The turn's deadline ends whatever runs, and may surface as any error. */
function toAIError(turn: Turn, error: unknown): AIError | undefined {
  if (error instanceof AIError) return error;
  return turn.signal.aborted ? new AIError('timeout', 'The turn ended before the model did.', { cause: error }) : undefined;
}
