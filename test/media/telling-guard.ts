import { guardTool, type ToolGuard } from '../../media/tool-guard.ts';

/** Guards as guardTool does, and tells the tool's process id. */
export const telling =
  (onStart: (pid: number) => void): ToolGuard =>
  (pid) => {
    onStart(pid);
    return guardTool(pid);
  };
