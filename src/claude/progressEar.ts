import { progressIn } from '../core/model/progress.ts';
import type { SessionEvent } from '../core/model/session.ts';

/**
 * Hears what a session says of its progress. The end of a turn comes with the last words, which a transcript may not hold
 * yet; then they are heard there, and not once more when they come.
 */
export class ProgressEar {
  #last = '';

  /** The event, with what it says of progress in its place. */
  hear(event: SessionEvent): readonly SessionEvent[] {
    // The same words are news once something has happened in between.
    if (event.kind === 'prompted' || event.kind === 'tool') this.#last = '';
    if (event.kind !== 'text' && event.kind !== 'turn_ended') return [event];
    const isKnown = event.text.trim() === this.#last;
    this.#last = event.text.trim();
    const progress = isKnown ? [] : progressIn(event.text);
    return event.kind === 'text' ? [event, ...progress] : [...progress, event];
  }
}
