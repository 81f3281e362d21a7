/** The commands of `webhooks`: their arguments, options and examples. */
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './failure.ts';
import type { WebhookEvent } from './operations.ts';
import {
  createWebhook,
  deleteWebhook,
  enableWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  rotateSecret,
} from './webhooks.ts';
import { type Add, parseCount } from './workflow-command.ts';

const EVENTS: readonly WebhookEvent[] = ['COMPLETED', 'FAILED', 'CANCELLED', 'RETRYING', 'STARTED'];
const EVENT_WORDS = EVENTS.join(', ').toLowerCase();

/** @param onEnd receives the exit code */
export function addWebhookCommands(add: Add, onEnd: (exitCode: ExitCode) => void): void {
  const webhook = (): Argument => new Argument('<webhook>', 'id of the webhook');

  add('list', 'Lists the webhooks of a project, oldest first.', () => [
    'webhooks list',
    'webhooks list --json',
  ]).action(async (options) => onEnd(await listWebhooks(options)));

  add('create', 'Makes a webhook, and writes its secret to standard output.', () => [
    'webhooks create https://app.example.com/playhead',
    'webhooks create https://app.example.com/failures --events failed retrying',
  ])
    .addArgument(new Argument('<url>', 'where messages are posted'))
    .addOption(
      new Option(
        '--events <event...>',
        `what it is told, of ${EVENT_WORDS}; default completed, failed, cancelled`,
      ).argParser(addEvent),
    )
    .action(async (url: string, options) => onEnd(await createWebhook(url, options)));

  add('deliveries', 'Lists the newest messages of a webhook: their status, tries and last answer.', () => [
    'webhooks deliveries WEBHOOK',
  ])
    .addArgument(webhook())
    .option('--first <n>', 'how many, at most 100', parseCount, 20)
    .action(async (id: string, options) => onEnd(await listDeliveries(id, options)));

  add('redeliver', 'Sends a message again, under its id.', () => ['webhooks redeliver DELIVERY'])
    .addArgument(new Argument('<delivery>', 'id of the delivery'))
    .action(async (id: string, options) => onEnd(await redeliver(id, options)));

  add('enable', 'Takes up a webhook that was disabled, with all that came meanwhile.', () => [
    'webhooks enable WEBHOOK',
  ])
    .addArgument(webhook())
    .action(async (id: string, options) => onEnd(await enableWebhook(id, options)));

  add('rotate', 'Gives a webhook another secret; the old one is good for 24 hours more.', () => [
    'webhooks rotate WEBHOOK',
  ])
    .addArgument(webhook())
    .action(async (id: string, options) => onEnd(await rotateSecret(id, options)));

  add('delete', 'Deletes a webhook, with what waits to be sent.', () => ['webhooks delete WEBHOOK'])
    .addArgument(webhook())
    .action(async (id: string, options) => onEnd(await deleteWebhook(id, options)));
}

/** Commander passes in what was parsed from the previous words. @throws InvalidArgumentError */
function addEvent(word: string, before: readonly WebhookEvent[] = []): readonly WebhookEvent[] {
  const event = EVENTS.find((known) => known === word.toUpperCase());
  if (event === undefined) throw new InvalidArgumentError(`Expected any of ${EVENT_WORDS}.`);
  return [...before, event];
}
