import type { ChannelAccount } from 'botbuilder';
import { unknownMembership, type Membership } from '../../threads/audience';
import { ConnectorError, type ConnectorFor } from '../connector/connector';
import { within } from './within';

/** A conversation of Teams or another channel whose members are asked for. */
export interface Room {
  readonly serviceUrl: string;
  readonly tenantId: string | undefined;
  readonly conversationId: string;
}

/** Who can read a conversation; `unknownMembership` where nobody tells. Asked for again after a minute. */
export type Memberships = (room: Room) => Promise<Membership>;

export interface MembershipOptions {
  readonly connectorFor: ConnectorFor;
  /** Where the channel does not tell; rejects where it does not know either. */
  readonly otherwise?: (room: Room) => Promise<Membership>;
  /** Milliseconds on a clock that only goes forward. */
  readonly now?: () => number;
}

/** Somebody who has just left may be told something for so long; a check before each share asks for all members of a team. */
const KEPT_MS = 60_000;
const MAX_KEPT = 500;
/** Whoever wants to share something waits for it. */
const READ_LIMIT_MS = 20_000;

export function createMemberships({ connectorFor, otherwise, now = () => performance.now() }: MembershipOptions): Memberships {
  const kept = new Map<string, { readonly until: number; readonly membership: Promise<Membership> }>();
  const read = async (room: Room): Promise<Membership> => {
    try {
      return toMembership(await connectorFor(room.serviceUrl).members(room.conversationId));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      return otherwise ? otherwise(room).catch(() => unknownMembership) : unknownMembership;
    }
  };
  return (room) => {
    const key = JSON.stringify([room.serviceUrl, room.tenantId, room.conversationId]);
    const known = kept.get(key);
    if (known && known.until > now()) return known.membership;
    const membership = within(read(room), AbortSignal.timeout(READ_LIMIT_MS), () => unknownMembership);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, { until: now() + KEPT_MS, membership });
    const forget = (): void => void kept.delete(key);
    membership.then(({ isComplete }) => (isComplete ? undefined : forget()), forget); // the next one may have more luck
    return membership;
  };
}

/** A list with nobody in it is none: whoever asks is there. */
function toMembership(accounts: readonly ChannelAccount[]): Membership {
  const members = accounts.map(({ id, aadObjectId }) => ({ id, ...(aadObjectId && { directoryId: aadObjectId }) }));
  return { members, isComplete: members.length > 0 };
}
