/** The global `process` that jest's packages read; without `versions`, so that tfjs sees a browser. */
export const process = {env: {} as Record<string, string>, platform: 'browser', cwd: () => '/'};
