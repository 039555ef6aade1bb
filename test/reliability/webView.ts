/** An activity as Direct Line sends it; what is not named here is not looked at. */
export interface WebActivity {
  readonly id: string;
  readonly type: string;
  readonly text?: string;
  readonly replyToId?: string;
  readonly from?: { readonly role?: string };
  readonly channelData?: { readonly streamType?: string; readonly streamId?: string } | null;
}

/** What a person sees of a conversation in Web Chat, by its rules: one bubble for each id, and one for each stream until its end takes its place. */
export class WebView {
  private readonly bubbles = new Map<string, WebActivity>();
  private readonly streams = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly shownAtMs = new Map<string, number>();

  show(activity: WebActivity): void {
    const { id, type, channelData } = activity;
    const streamId = channelData?.streamId ?? id;
    if (type === 'messageDelete') this.bubbles.delete(id);
    if (type === 'typing' && channelData?.streamType !== undefined && !this.ended.has(streamId)) this.streams.add(streamId);
    if (type !== 'message') return;
    this.bubbles.set(id, activity);
    if (!this.shownAtMs.has(id)) this.shownAtMs.set(id, performance.now());
    if (channelData?.streamType !== 'final') return;
    this.ended.add(streamId);
    this.streams.delete(streamId);
  }

  /** Messages in the order in which they came. */
  get messages(): readonly WebActivity[] {
    return [...this.bubbles.values()];
  }

  /** Streams that were begun and have no end: half an answer that stays. */
  get unfinished(): readonly string[] {
    return [...this.streams];
  }

  /** On the clock of performance.now(). */
  firstShownAtMs(id: string): number | undefined {
    return this.shownAtMs.get(id);
  }
}
