import { randomBytes } from 'node:crypto';
import type { Activity } from 'botbuilder';
import type { KeptMedia, Media, MediaShelf } from '../../dialogs/turn';
import { insertMedia } from '../../state/media';
import { channelOf } from '../channels';
import { isLoopback } from '../loopback';
import { MEDIA_PATH } from '../media';
import type { TurnRecord } from './turn';

export interface MediaShelfOptions {
  readonly activity: Partial<Activity>;
  readonly owner: { readonly conversationKey: string; readonly userKey: string };
  readonly record: Pick<TurnRecord, 'effects'>;
  readonly publicUrl: string;
  readonly lifetimeMs: number;
}

/** Of a picture that travels in its message, where the channel names no limit of its own. */
const MAX_INLINE_BYTES = 1024 * 1024;
/** A picture takes up half of a message at most: the card around it and the words need room too. */
const SHARE_OF_MESSAGE = 0.5;

/** The pictures and recordings of one turn: kept with its commit, for `lifetimeMs`. */
export function createMediaShelf({ activity, owner, record, publicUrl, lifetimeMs }: MediaShelfOptions): MediaShelf {
  const isReachable = reaches(activity.serviceUrl ?? '', publicUrl);
  return {
    playsSound: channelOf(activity).playsSound,
    keep: (media): KeptMedia => {
      const id = randomBytes(24).toString('base64url');
      const expiresAt = Date.now() + lifetimeMs;
      record.effects.push((queries) => insertMedia(queries, { conversationKey: owner.conversationKey, id, ownerKey: owner.userKey, ...media, expiresAt }));
      const url = `${publicUrl}${MEDIA_PATH}/${id}`;
      return { url, expiresAt, isReachable, shown: isReachable ? url : inline(media, channelOf(activity).maxMessageBytes) };
    },
  };
}

/** The channel's clients run on this machine, or the address is one that they can reach from elsewhere. */
function reaches(serviceUrl: string, publicUrl: string): boolean {
  const isFromHere = serviceUrl.startsWith('urn:') || isLoopback(URL.parse(serviceUrl)?.hostname ?? '');
  return isFromHere || !isLoopback(URL.parse(publicUrl)?.hostname ?? '');
}

/** Messages are measured in UTF-16: two bytes for each character (split.ts). */
function inline({ contentType, bytes }: Media, maxMessageBytes: number): string | undefined {
  const data = `data:${contentType};base64,${Buffer.from(bytes).toString('base64')}`;
  return bytes.length <= MAX_INLINE_BYTES && 2 * data.length <= SHARE_OF_MESSAGE * maxMessageBytes ? data : undefined;
}
