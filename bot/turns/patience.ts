import type { InboxRow } from '../../state/turns';
import type { RunnerOptions } from './run';

/** After so many attempts the activity itself is taken to be what kills the process: it is answered with an apology. */
const MAX_ATTEMPTS = 3;

/** The options to run an activity with: bot logic that only says that it did not work, where it was tried too often. */
export function optionsFor({ attempts }: InboxRow, options: RunnerOptions): RunnerOptions {
  if (attempts <= MAX_ATTEMPTS) return options;
  return {
    ...options,
    bot: async () => {
      throw new Error('This activity was tried too often.');
    },
  };
}
