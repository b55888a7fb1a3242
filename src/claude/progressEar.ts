import { progressIn } from '../core/model/progress.ts';
import type { SessionEvent } from '../core/model/session.ts';

/**
 * Hears what a session says of its progress. The end of a turn comes with the last words, which a transcript may not hold
 * yet; then they are heard there, and not once more when they come, be it after the next prompt.
 */
export class ProgressEar {
  #last = '';
  /** The last words of a turn, which the transcript is still to bring. */
  #owed = '';

  /** The event, with what it says of progress in its place. */
  hear(event: SessionEvent): readonly SessionEvent[] {
    // The same words are news once something has happened in between.
    if (event.kind === 'prompted' || event.kind === 'tool') this.#last = '';
    if (event.kind !== 'text' && event.kind !== 'turn_ended') return [event];
    const words = event.text.trim();
    const isOwed = event.kind === 'text' && words === this.#owed && words !== '';
    const isKnown = isOwed || words === this.#last;
    if (isOwed) this.#owed = '';
    else this.#last = words;
    if (event.kind === 'turn_ended') this.#owed = isKnown ? '' : words;
    const progress = isKnown ? [] : progressIn(event.text);
    return event.kind === 'text' ? [event, ...progress] : [...progress, event];
  }
}
