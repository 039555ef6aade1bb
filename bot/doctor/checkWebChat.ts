import type { Config } from '../config';
import type { Finding } from './finding';

type Found = Omit<Finding, 'area' | 'name'>;

/** Secrets of Azure's Direct Line are one line of letters, digits, dots, hyphens and underscores; a token of it begins as every JWT does. */
export function checkWebChat({ azureDirectLineSecret: secret }: Pick<Config, 'azureDirectLineSecret'>): Found {
  if (secret === undefined) return { code: 'none' };
  return /^[\w.-]{30,}$/.test(secret) && !secret.startsWith('ey') ? { code: 'ok' } : { code: 'secret-odd', detail: 'DIRECT_LINE_SECRET' };
}
