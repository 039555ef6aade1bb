import type { Command } from './command';
import { summarizeCommand } from './summarize';
import { translateCommand } from './translate';

/** Every command of `npm run parley`; help is made from this list. */
export const commands: readonly Command[] = [summarizeCommand, translateCommand];
