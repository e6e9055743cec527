using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>An element's place in a list; part of the element, so that listing it cannot fail.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Link
{
    /// <summary>The list that it is in, null: none.</summary>
    public LinkedList* List;
    public Link* Next, Previous;
    /// <summary>What the list holds at this place.</summary>
    public void* Owner;
}

/// <summary>A first-in first-out list whose elements can leave it from anywhere. All zeroes is empty.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LinkedList
{
    public Link* Head, Tail;

    /// <summary>The first element, null: none.</summary>
    public void* First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Head == null ? null : Head->Owner;
    }

    /// <summary>Adds an element at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(LinkedList* list, Link* link)
    {
        link->List = list;
        link->Next = null;
        link->Previous = list->Tail;
        if (list->Tail != null)
            list->Tail->Next = link;
        else
            list->Head = link;
        list->Tail = link;
    }

    /// <summary>Adds an element at the front: it is the first, until the next one comes so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prepend(LinkedList* list, Link* link)
    {
        link->List = list;
        link->Previous = null;
        link->Next = list->Head;
        if (list->Head != null)
            list->Head->Previous = link;
        else
            list->Tail = link;
        list->Head = link;
    }

    /// <summary>Takes an element off its list, if it is on one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Remove(Link* link)
    {
        LinkedList* list = link->List;
        if (list == null)
            return;
        if (link->Previous != null)
            link->Previous->Next = link->Next;
        else
            list->Head = link->Next;
        if (link->Next != null)
            link->Next->Previous = link->Previous;
        else
            list->Tail = link->Previous;
        link->List = null;
    }
}
