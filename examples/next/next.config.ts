import type { NextConfig } from 'next';

export default {
  // Only this folder, wherever it is.
  turbopack: { root: import.meta.dirname },
} satisfies NextConfig;
