import { sendHelp } from './helpSkill';
import { listedSkills } from './skills';
import type { Turn } from './turn';

/** Introduces Parley: once for each conversation, when the bot is added to it. */
export function greeting(turn: Turn): Promise<void> {
  return sendHelp(turn, listedSkills, true);
}
