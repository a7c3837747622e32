import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { onAbort } from './on-abort.ts';

test('calls the listener once with the reason when the signal aborts', () => {
  const controller = new AbortController();
  const listener = vi.fn();
  const remove = onAbort(controller.signal, listener);
  expect(listener).not.toHaveBeenCalled();
  controller.abort('why');
  controller.abort('again');
  expect(listener.mock.calls).toEqual([['why']]);
  remove();
});

test('calls the listener at once if the signal has aborted already', () => {
  const listener = vi.fn();
  onAbort(AbortSignal.abort('why'), listener)();
  expect(listener.mock.calls).toEqual([['why']]);
});

test('a removed listener is not called and leaves nothing on the signal', () => {
  const controller = new AbortController();
  const listener = vi.fn();
  const remove = onAbort(controller.signal, listener);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  remove();
  remove();
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  controller.abort();
  expect(listener).not.toHaveBeenCalled();
});

test('does nothing without a signal', () => {
  const listener = vi.fn();
  onAbort(undefined, listener)();
  expect(listener).not.toHaveBeenCalled();
});
