import type { Activity } from 'botbuilder';

interface StreamMarks {
  readonly streamType: 'informative' | 'streaming' | 'final';
  readonly streamId?: string;
  /** From 1; the end has none. */
  readonly streamSequence?: number;
}

/** The activity as a part of a stream. Teams reads the entity, Web Chat 4.18.1 the channelData: both carry the same. */
export function withStreamMarks(activity: Partial<Activity>, marks: StreamMarks): Partial<Activity> {
  return {
    ...activity,
    channelData: { ...(activity.channelData as object | undefined), ...marks },
    entities: [...(activity.entities ?? []), { type: 'streaminfo', ...marks }],
  };
}

/** The message that replaces a stream's, where the channel no longer takes its end. */
export function withoutStreamMarks(activity: Partial<Activity>): Partial<Activity> {
  const marks = new Set(['streamType', 'streamId', 'streamSequence']);
  const channelData = Object.fromEntries(Object.entries((activity.channelData ?? {}) as object).filter(([name]) => !marks.has(name)));
  return { ...activity, channelData, entities: (activity.entities ?? []).filter((entity) => entity.type !== 'streaminfo') };
}

export const isPartOfStream = ({ entities = [] }: Partial<Activity>): boolean => entities.some(({ type }) => type === 'streaminfo');
