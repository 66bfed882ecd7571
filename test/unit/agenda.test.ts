import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type Agenda, createAgenda, everything } from '../../job/src/follow/agenda.ts';

let agenda: Agenda;

beforeEach(() => {
  agenda = createAgenda(() => 0.5);
});

const taken = (now: number) => [...agenda.take(now).work];

test('changes that come together are worked off together, a moment after the last', () => {
  agenda.note('team-a', 1000);
  agenda.note('team-b', 1015);
  agenda.note('team-a', 1030);

  assert.equal(agenda.next(), 1050);
  assert.deepEqual(taken(1050), ['team-a', 'team-b']);
  assert.equal(agenda.next(), Number.POSITIVE_INFINITY);
});

test('changes that never end wait for each other half a second and no longer', () => {
  for (let time = 1000; time <= 1490; time += 10) agenda.note(`team-${time}`, time);

  assert.equal(agenda.next(), 1500);
  agenda.take(1500);
  agenda.note('team-b', 1505);
  assert.equal(agenda.next(), 1525);
});

test('a change that has to wait for long makes no other one hurry', () => {
  agenda.failed('team-a', 1000);
  agenda.note('team-a', 1000);

  agenda.note('team-b', 1600);

  assert.equal(agenda.next(), 1620);
});

test('a look at everything is a look at each namespace', () => {
  agenda.note('team-a', 1000);
  agenda.note(everything, 900);

  assert.deepEqual(taken(950), [everything]);
  assert.equal(agenda.next(), Number.POSITIVE_INFINITY);
});

test('what failed is tried again after pauses that grow to a minute, and a change does not hurry it', () => {
  const pauses = Array.from({ length: 9 }, () => {
    agenda.failed('team-a', 0);
    agenda.note('team-a', 0);
    const pause = agenda.next();
    agenda.take(pause);
    return pause / 1000;
  });

  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('what somebody changes back again and again is looked at less often, and others are not', () => {
  for (let time = 0; time < 6; time++) agenda.changed('team-a', 10_000);

  agenda.note('team-a', 10_000);
  agenda.note('team-b', 10_000);

  assert.deepEqual(taken(10_020), ['team-b']);
  assert.equal(agenda.next(), 14_000);
});

test('trouble is forgotten after some time without any', () => {
  for (let time = 0; time < 9; time++) agenda.changed('team-a', 0);
  agenda.take(200_000);

  agenda.note('team-a', 200_000);

  assert.equal(agenda.next(), 200_020);
});

test('the latency of a pass counts from the first change that it saw to', () => {
  agenda.note('team-a', 1000);
  agenda.note('team-b', 1030);

  assert.equal(agenda.take(1080).since, 1000);
});
