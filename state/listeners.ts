type Listener = (message: string | undefined) => void;

/** Who listens to which topic in this process. Listeners must not throw. */
export class Listeners {
  private readonly topics = new Map<string, Set<Listener>>();

  /** Gives the end of listening. */
  add(topic: string, listener: Listener): () => void {
    const listeners = this.topics.get(topic) ?? new Set();
    this.topics.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.topics.get(topic) === listeners) this.topics.delete(topic);
    };
  }

  tell(topic: string, message: string | undefined): void {
    for (const listener of [...(this.topics.get(topic) ?? [])]) listener(message);
  }

  /** Something may have been missed, on any topic. */
  tellAll(): void {
    for (const topic of [...this.topics.keys()]) this.tell(topic, undefined);
  }
}
