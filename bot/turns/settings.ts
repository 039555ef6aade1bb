import { z } from 'zod';
import type { UserSettings } from '../../dialogs/turn';

const settingsShape = z.object({
  language: z.string().optional().catch(undefined),
  translateTo: z.string().optional().catch(undefined),
  summaryLength: z.enum(['short', 'standard', 'detailed']).optional().catch(undefined),
  improvement: z.enum(['asked', 'yes', 'no']).optional().catch(undefined),
  meetingOffers: z.literal('no').optional().catch(undefined),
});

/** A person's settings, as they are stored. What is damaged counts as not chosen: the person can choose anew. */
export function parseSettings(json: string | undefined): UserSettings {
  if (json === undefined) return {};
  try {
    return settingsShape.parse(JSON.parse(json));
  } catch {
    return {};
  }
}
