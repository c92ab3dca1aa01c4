import { expect, test } from 'vitest';
import { fleet } from '#contracts/api/fleet-api.ts';
import { outagesPage } from '#contracts/api/outages-api.ts';
import { eventEvidence, movementsPage, stockPage } from '#contracts/api/stock-api.ts';
import { validate } from '#contracts/validate.ts';
import {
  fixtureCompleteness,
  fixtureEvidence,
  fixtureMovements,
  fixtureRows,
  manyFixtureMovements,
} from './fixture-data.ts';
import { fixtureOutages, fixtureOutagesPage, manyFixtureOutages } from './fixture-outages.ts';
import { fixtureFleet, withStuckGateway } from './fixture-fleet.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);

test('the answers of the fixture server fit the contracts', () => {
  const rows = fixtureRows(now);
  const [row] = rows;
  if (row === undefined) throw new Error('the fixture has rows');
  const page = {
    rows,
    total: rows.length,
    totalQuantity: 1,
    completeness: fixtureCompleteness(now),
  };
  const fits = [
    validate(stockPage, page),
    validate(movementsPage, fixtureMovements(now, row)),
    validate(eventEvidence, fixtureEvidence(now, 'lyon-1/1/4002')),
    validate(fleet, fixtureFleet(now)),
    validate(movementsPage, manyFixtureMovements(now, row, 9, new URLSearchParams('limit=2'))),
    validate(outagesPage, fixtureOutagesPage(fixtureOutages(now), now, new URLSearchParams())),
    validate(
      outagesPage,
      fixtureOutagesPage(manyFixtureOutages(now, 9), now, new URLSearchParams('limit=2')),
    ),
    validate(fleet, withStuckGateway(fixtureFleet(now), 'metz-1')),
  ];
  expect(fits.map((each) => (each.ok ? 'fits' : each.refusal.message))).toEqual(
    fits.map(() => 'fits'),
  );
});
