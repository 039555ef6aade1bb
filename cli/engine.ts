import { pino } from 'pino';
import type { Asker } from '../ai/call';
import type { Engine } from '../ai/engine';
import type { Config } from '../bot/config';
import { createEngines } from '../bot/model';

/** Whoever sits at the terminal. */
const commandLine: Asker = { userKey: 'command-line', tenantKey: '', conversationKey: '', activityId: '' };

/** The engine that the settings ask for, without a word of it in a log. */
export const openEngine = (config: Config): Engine => createEngines(config, { log: pino({ level: 'silent' }) }).engineFor(commandLine);
