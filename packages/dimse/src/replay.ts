// The public names of @x/dimse/replay: recorded requests, sent to another peer.

export { type ReplayedRequest, replayConversations } from './replay/replay.ts';
export type { ReplayOptions } from './replay/replayed-association.ts';
