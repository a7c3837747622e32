// Events that are for watching alone: a listener that throws disturbs nobody.

import { EventEmitter } from 'eventemitter3';

/**
 * An emitter whose `emit` never throws. What a listener throws becomes a process warning named `ListenerError`
 * (`process.on('warning')` sees it): it is the watcher's mistake, and no reason to end a server or an association. The
 * listeners after it are not called.
 */
export class WatchedEmitter<Events extends EventEmitter.ValidEventTypes> extends EventEmitter<Events> {
  override emit<T extends EventEmitter.EventNames<Events>>(
    event: T,
    ...args: EventEmitter.EventArgs<Events, T>
  ): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.emitWarning(`a listener of '${String(event)}' threw: ${what}`, 'ListenerError');
      return true;
    }
  }
}
