import { describe, expect, test } from 'vitest';
import { addressesOf, isAllowedAddress, parseWebhookUrl } from '../../src/webhooks/address.ts';

const PUBLIC = { allowsPrivate: false };
const PRIVATE = { allowsPrivate: true };

describe('addresses', () => {
  test.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
    '%s is public',
    (address) => {
      expect(isAllowedAddress(address, PUBLIC)).toBe(true);
    },
  );

  test.each([
    '127.0.0.1',
    '127.8.9.1',
    '10.0.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
  ])('%s is allowed by the setting alone', (address) => {
    expect(isAllowedAddress(address, PUBLIC)).toBe(false);
    expect(isAllowedAddress(address, PRIVATE)).toBe(true);
  });

  test.each([
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '255.255.255.255',
    '224.0.0.1',
    '240.0.0.1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::7f00:1',
    '4000::1',
    'example.com',
    '',
  ])('%s is never allowed', (address) => {
    expect(isAllowedAddress(address, PUBLIC)).toBe(false);
    expect(isAllowedAddress(address, PRIVATE)).toBe(false);
  });
});

describe('a URL', () => {
  test.each(['https://example.com/hook', 'https://example.com:8443/a?b=c', 'https://1.1.1.1/'])(
    '%s is taken',
    (url) => {
      expect(parseWebhookUrl(url, 'input.url', PUBLIC).href).toBe(url);
    },
  );

  test.each([
    'http://example.com/',
    'https://localhost/',
    'https://api.localhost/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://user@example.com/',
    'https://user:word@example.com/',
    'https://example.com/#part',
    'https://example.com:0/',
    'ftp://example.com/',
    'example.com',
    '',
    `https://example.com/${'a'.repeat(2_000)}`,
  ])('%.100s is refused', (url) => {
    expect(() => parseWebhookUrl(url, 'input.url', PUBLIC)).toThrow(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        details: expect.objectContaining({ field: 'input.url' }),
      }),
    );
  });

  test.each(['http://localhost:3000/hook', 'http://127.0.0.1/', 'https://10.1.2.3/'])(
    '%s is taken where private addresses are',
    (url) => {
      expect(parseWebhookUrl(url, 'input.url', PRIVATE).href).toBe(url);
      expect(() => parseWebhookUrl(url, 'input.url', PUBLIC)).toThrow('expected an https:// URL');
    },
  );

  test.each(['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://0.0.0.0/'])(
    '%s is refused even there',
    (url) => {
      expect(() => parseWebhookUrl(url, 'input.url', PRIVATE)).toThrow('expected an http:// or https:// URL');
    },
  );
});

describe('a name', () => {
  test('has the addresses that it was resolved to', async () => {
    const resolve = async (): Promise<readonly string[]> => ['1.1.1.1', '2606:4700:4700::1111'];
    expect(await addressesOf('example.com', PUBLIC, resolve)).toEqual(['1.1.1.1', '2606:4700:4700::1111']);
  });

  test('with one private address among public ones is refused', async () => {
    const resolve = async (): Promise<readonly string[]> => ['1.1.1.1', '10.0.0.1'];
    await expect(addressesOf('example.com', PUBLIC, resolve)).rejects.toThrow(
      'expected a public address, example.com has 10.0.0.1',
    );
  });

  test('without an address is refused', async () => {
    await expect(addressesOf('example.com', PUBLIC, async () => [])).rejects.toThrow('to have an address');
  });

  test('localhost is this machine', async () => {
    expect(await addressesOf('localhost', PRIVATE)).toEqual(expect.arrayContaining(['127.0.0.1']));
    await expect(addressesOf('localhost', PUBLIC)).rejects.toThrow('expected a public address');
  });
});
