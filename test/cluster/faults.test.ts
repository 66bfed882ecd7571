import { after, before, suite } from 'node:test';
import { type FaultScene, startFaultScene } from './fault-scene.ts';
import { killedProcesses } from './killed-processes.ts';
import { networkFaults } from './network-faults.ts';
import { restartedServers } from './restarted-servers.ts';

/** What comes at the same time comes in another order the next time, so a seed gives nearly the same once more. */
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));

suite(`after every fault the next run brings all in line, and nothing is lost (FAULTS_SEED=${seed})`, () => {
  let scene: FaultScene;
  before(async () => {
    scene = await startFaultScene(seed);
  });
  after(() => scene[Symbol.asyncDispose]());

  suite('on the network', () => networkFaults(() => scene));
  suite('in the job', () => killedProcesses(() => scene));
  suite('in what it talks to', () => restartedServers(() => scene));
});
