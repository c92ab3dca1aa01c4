import type { FloorTask } from '#contracts/api/floor-api.ts';
import { taskReasonWords } from '../../format/task-reasons.ts';
import type { FloorView } from '../floor-paths.ts';
import { unitInText } from './act-words.ts';

/** What a task asks for, in words, and where it is worked off. */

const taskTitles: Readonly<Record<FloorTask['task'], string>> = {
  identify: 'Identify',
  'verify-movement': 'Check a movement',
  recount: 'Recount',
  'inspect-counter': 'Look at a counter',
  reconcile: 'Sources disagree',
  'verify-containment': 'Open and check',
  'resolve-difference': 'Resolve a difference',
  'approve-variance': 'Approve a variance',
  'review-act': 'Review an act',
  'verify-transfer': 'Find what was sent',
};

export function taskName({ task }: Pick<FloorTask, 'task'>): string {
  return taskTitles[task];
}

export function taskReason({ reason }: Pick<FloorTask, 'reason'>): string {
  return taskReasonWords(reason);
}

/** What it is about: `storage · 22423`. */
export function taskAbout(task: FloorTask): string {
  return [
    task.zone,
    task.document,
    task.item,
    task.unit === undefined ? undefined : unitInText(task.unit),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** `Recount · storage · 22423`. */
export function taskTitle(task: FloorTask): string {
  return [taskName(task), taskAbout(task)].filter((part) => part !== '').join(' · ');
}

/** The screen where a task is worked off, and what its button says. */
export function taskView(task: FloorTask): { readonly view: FloorView; readonly words: string } {
  const { id, zone, document } = task;
  if (task.task === 'recount' && zone !== undefined) {
    return { view: { screen: 'count', zone, task: id }, words: 'Count again' };
  }
  if (task.task === 'resolve-difference' && document !== undefined) {
    return { view: { screen: 'receive', document, task: id }, words: 'Open the document' };
  }
  if (task.task === 'verify-containment' && task.unit !== undefined) {
    return {
      view: { screen: 'check', code: task.unit, task: id, ...(zone === undefined ? {} : { zone }) },
      words: 'Check the unit',
    };
  }
  if (task.task === 'resolve-difference' && task.act !== undefined && zone !== undefined) {
    return { view: { screen: 'sweep', zone, task: id }, words: 'Sweep again' };
  }
  if (task.task === 'verify-transfer') {
    return { view: { screen: 'transfers', task: id }, words: 'See what is on its way' };
  }
  const code = task.epc ?? task.unit ?? task.item ?? document;
  if (code !== undefined) return { view: { screen: 'find', code, task: id }, words: 'Look it up' };
  if (task.task === 'inspect-counter') return { view: { screen: 'devices' }, words: 'See devices' };
  return zone === undefined
    ? { view: { screen: 'find', task: id }, words: 'Look it up' }
    : { view: { screen: 'count', zone, task: id }, words: 'Count the zone' };
}
