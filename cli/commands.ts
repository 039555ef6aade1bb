import { auditCommand } from './audit';
import type { Command } from './command';
import { doctorCommand } from './doctor';
import { finetuneCommand } from './finetune';
import { summarizeCommand } from './summarize';
import { translateCommand } from './translate';
import { usageCommand } from './usage';
import { userCommand } from './user';

/** Every command of `npm run parley`; help is made from this list. */
export const commands: readonly Command[] = [summarizeCommand, translateCommand, usageCommand, auditCommand, finetuneCommand, userCommand, doctorCommand];
