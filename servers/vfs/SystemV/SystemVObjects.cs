namespace Servers.Vfs.SystemV;

/// <summary>All that there is of System V IPC: one namespace.</summary>
/// <param name="Segments">Shared memory.</param>
/// <param name="Semaphores">Sets of semaphores.</param>
/// <param name="Queues">Queues of messages.</param>
public sealed record SystemVObjects(Segments Segments, SemaphoreSets Semaphores, MessageQueues Queues);
