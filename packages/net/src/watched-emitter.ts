// Events for watching only: a listener that throws has no effect on the emitter.

import { EventEmitter } from 'eventemitter3';

/**
 * An emitter whose `emit` never throws, so that a mistake in a listener cannot end a server or an association. If a
 * listener throws, the process emits a warning named `ListenerError` (see `process.on('warning')`), and the listeners
 * after it are not called.
 */
export class WatchedEmitter<Events extends EventEmitter.ValidEventTypes> extends EventEmitter<Events> {
  override emit<T extends EventEmitter.EventNames<Events>>(
    event: T,
    ...args: EventEmitter.EventArgs<Events, T>
  ): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      warn(`a listener of '${String(event)}' threw`, error, 'ListenerError');
      return true;
    }
  }
}

/** Emits a warning of the process for an error that would not be seen otherwise. `name` is the name of the warning. */
export function warn(what: string, error: unknown, name: string): void {
  process.emitWarning(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, name);
}
