namespace System
{
    public interface IDisposable
    {
        void Dispose();
    }

    public interface IEquatable<T>
    {
        bool Equals(T other);
    }

    public interface IComparable<T>
    {
        int CompareTo(T other);
    }
}

namespace System.Collections
{
    // `foreach` over strings and arrays needs these declared, though the compiler never calls them.
    public interface IEnumerator
    {
        bool MoveNext();
        object Current { get; }
    }

    public interface IEnumerable
    {
        IEnumerator GetEnumerator();
    }
}
