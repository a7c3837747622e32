// The public names of @x/net/testing: tools to test applications against peers and networks that misbehave. They need no
// test runner.

export { associatedPair, type PairOptions } from './association/pair.ts';
export {
  type Fault,
  type FaultDirection,
  type FaultProxy,
  type FaultProxyOptions,
  startFaultProxy,
} from './testing/fault-proxy.ts';
export { callPort, listenWith, ScriptedPeer } from './testing/scripted-peer.ts';
export { VirtualClock } from './testing/virtual-clock.ts';
