/** Somebody who can read a conversation. */
export interface Member {
  /** As the channel names them to this bot. */
  readonly id: string;
  /** In Entra ID, where the channel vouches for it. */
  readonly directoryId?: string;
}

export interface Membership {
  readonly members: readonly Member[];
  /** False where the list could not be read, or not to its end. */
  readonly isComplete: boolean;
}

export const unknownMembership: Membership = { members: [], isComplete: false };

/**
 * True where everybody who can read `target` can read `source` too, so that nothing of the source is told to anybody new
 * by showing it in the target. False wherever that is not certain: a list that is not whole, nobody in it, or members
 * without an id. Names say nothing: two people may share one.
 */
export function canAllRead(source: Membership, target: Membership): boolean {
  if (!source.isComplete || !target.isComplete || target.members.length === 0) return false;
  const isReader = readersOf(source.members);
  return target.members.every(isReader);
}

/** Ids of the directory decide where both have one; else the channel's own. */
function readersOf(members: readonly Member[]): (member: Member) => boolean {
  const inDirectory = new Set(members.flatMap(({ directoryId }) => (directoryId ? [directoryId.toLowerCase()] : [])));
  const byId = new Set(members.map(({ id }) => id));
  const onlyById = new Set(members.filter(({ directoryId }) => !directoryId).map(({ id }) => id));
  return ({ id, directoryId }) => {
    if (directoryId) return inDirectory.has(directoryId.toLowerCase()) || (id !== '' && onlyById.has(id));
    return id !== '' && byId.has(id);
  };
}
