// Recording conversations as pcapng files for Wireshark, and reading recorded conversations back.

export { encodeConversation, type SaidBytes } from './capture/captured-conversation.ts';
export type { CapturedFault, CapturedPdu } from './capture/captured-pdu.ts';
export { type CaptureOptions, ConversationCapture, createCapture } from './capture/conversation-capture.ts';
export { maskedPdu } from './capture/masked-pdu.ts';
export { CaptureError } from './capture/pcapng.ts';
export { readConversations } from './capture/read-conversations.ts';
export type { Endpoint } from './capture/tcp-packets.ts';
