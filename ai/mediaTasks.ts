import type { Engine } from './engine';
import type { CallOrigin, Gateway } from './gateway';
import { draw, type FetchImage } from './images';
import { moderate } from './moderate';
import { speak } from './speak';
import { transcribe } from './transcribe';

export interface MediaOptions {
  /** Absent: pictures come in the answer itself or not at all. */
  readonly fetchImage?: FetchImage;
  /** Who speaks, as the service names voices. */
  readonly voice?: string;
}

const USUAL_VOICE = 'alloy'; // every model that speaks has it

/** What deployments beside those that chat can do; each is absent where none does it. */
export function mediaTasks(gateway: Gateway, origin: CallOrigin, { fetchImage, voice = USUAL_VOICE }: MediaOptions): Pick<Engine, 'draw' | 'transcribe' | 'speak' | 'moderate'> {
  return {
    ...(gateway.offers('images') && { draw: (request, signal) => draw(gateway, origin, request, fetchImage, signal) }),
    ...(gateway.offers('transcribe') && { transcribe: (recording, signal) => transcribe(gateway, origin, recording, signal) }),
    ...(gateway.offers('speak') && { speak: (text, signal) => speak(gateway, origin, text, voice, signal) }),
    ...(gateway.offers('moderate') && { moderate: (text, on, signal) => moderate(gateway, origin, text, on, signal) }),
  };
}
